// Dragging a booking: the server is asked first and names every broken rule; only then it moves.
// For ten minutes it can be moved back.
const UNDO_MS = 10 * 60000;
const dialog = document.querySelector("#move");
const undoBar = document.querySelector("[data-undo]");
let undoing = null;

const part = (name) => dialog.querySelector(`[data-move-${name}]`);

const ask = async (board, booking, fields) => {
  const body = new URLSearchParams(fields);
  const address = `${board.dataset.panel.replace("BOOKING", booking)}/move`;
  const headers = { Accept: "application/json", "X-CSRFToken": board.dataset.token };
  const answer = await fetch(address, { method: "POST", body, headers });
  const said = await answer.json().catch(() => null);
  if (answer.ok && said) return said;
  return { ok: false, reasons: [said?.detail ?? JSON.parse(board.dataset.words).failed] };
};

// How many lines the booking has; filters may hide some of them from the timeline.
const linesOf = async (board, booking) => {
  const answer = await fetch(board.dataset.panel.replace("BOOKING", booking), { headers: { "X-Part": "1" } });
  const page = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html");
  return page.querySelectorAll("[data-takes] > li").length;
};

// Shows what was answered; resolves to whether to go on.
const confirmed = (use, answer, { from, lines }) =>
  new Promise((done) => {
    dialog.querySelector("[data-yes]").hidden = !answer.ok;
    dialog.querySelector("[data-no]").hidden = answer.ok;
    dialog.setAttribute("aria-labelledby", "move-title");
    part("who").textContent = use.who;
    part("from").textContent = from;
    part("to").textContent = answer.said ?? "–";
    part("others").hidden = !answer.ok || lines < 2;
    part("reasons").replaceChildren(...answer.reasons.map((reason) => Object.assign(document.createElement("li"), { textContent: reason })));
    part("do").hidden = !answer.ok;
    let yes = false;
    part("do").onclick = () => {
      yes = true;
      dialog.close();
    };
    part("leave").onclick = () => dialog.close();
    dialog.addEventListener("close", () => done(yes), { once: true });
    dialog.showModal();
  });

const offerUndo = (board, booking, back, changed) => {
  const say = (text) => (undoBar.querySelector("[data-undo-said]").textContent = text);
  const button = undoBar.querySelector("[data-undo-do]");
  clearTimeout(undoing);
  undoing = setTimeout(() => (undoBar.hidden = true), UNDO_MS);
  say(dialog.dataset.moved);
  button.hidden = false;
  undoBar.hidden = false;
  button.onclick = async () => {
    const answer = await ask(board, booking, { ...back, do: "1" });
    say(answer.ok ? dialog.dataset.back : [dialog.dataset.refused, ...answer.reasons].join(" "));
    button.hidden = true;
    changed();
  };
};

export const prepareMoves = (dp, board, { shift, changed, rows, standing }) => {
  dp.onEventMove = async (args) => {
    const { use } = args.e.data;
    const to = args.newResource;
    const start = shift(args.newStart.toString(), use.before);
    // The library waits for nobody: it is told no, and what has moved comes from the server.
    args.preventDefault();
    if (!rows().has(to) || (to === use.place && start === use.start)) return;
    const fields = { place: use.place, grain: String(use.grain), to, start };
    const [first, lines] = await Promise.all([ask(board, use.booking, fields), linesOf(board, use.booking)]);
    const known = { from: standing(use), lines };
    if (!(await confirmed(use, first, known))) return;
    const answer = await ask(board, use.booking, { ...fields, do: "1" });
    if (answer.ok) {
      const back = { place: to, grain: String(answer.grain), to: use.place, start: use.start };
      offerUndo(board, use.booking, back, changed);
    } else {
      await confirmed(use, answer, known);
    }
    changed();
  };
};
