// One booking beside the schedule: loaded as a part, its steps sent without leaving the page.
const panel = document.querySelector("#panel");
let opener = null;
let shown = null;

const PART = { "X-Part": "1", Accept: "text/html, application/problem+json;q=0.9" };

const close = () => {
  panel.hidden = true;
  panel.replaceChildren();
  shown = null;
  opener?.focus?.();
};

const closeButton = () => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "close secondary outline";
  button.setAttribute("aria-label", panel.dataset.close);
  button.textContent = "✕";
  button.addEventListener("click", close);
  return button;
};

const fill = (html) => {
  const part = new DOMParser().parseFromString(html, "text/html");
  panel.replaceChildren(closeButton(), ...part.body.childNodes);
};

export const openPanel = async (address, from) => {
  const answer = await fetch(address, { headers: PART });
  if (!answer.ok || answer.redirected) {
    location.assign(address);
    return;
  }
  opener = from ?? opener;
  shown = address;
  fill(await answer.text());
  panel.hidden = false;
  panel.querySelector("h2")?.focus();
};

// Shows the booking again as it is now, unless somebody is in the middle of it.
export const refreshPanel = async () => {
  if (!shown || panel.querySelector("details[open]")) return;
  const address = shown;
  const focused = panel.contains(document.activeElement);
  const answer = await fetch(address, { headers: PART });
  if (!answer.ok || shown !== address) return;
  fill(await answer.text());
  if (focused) panel.querySelector("h2")?.focus();
};

const sendStep = async (form) => {
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { ...PART, Accept: "application/problem+json" } });
  if (answer.ok && !answer.redirected) {
    fill(await answer.text());
    panel.querySelector("h2")?.focus();
    return;
  }
  const said = panel.querySelector("[data-error]");
  const problem = await answer.json().catch(() => ({}));
  said.textContent = problem.detail ?? answer.statusText;
  said.hidden = false;
};

panel?.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-step]")) return;
  event.preventDefault();
  sendStep(event.target);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && panel && !panel.hidden && !document.querySelector("dialog[open]")) close();
});
