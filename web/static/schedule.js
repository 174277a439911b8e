// The schedule's filters, its live sign, its table and its panel; the timeline where there is room.
import { listen } from "./live.js";
import { openPanel, refreshPanel } from "./panel.js";

const WIDE = matchMedia("(width >= 48rem)");
const TYPING_MS = 350;
const form = document.querySelector("[data-filters]");
const board = document.querySelector("[data-timeline]");
let timeline = null;
let typing = null;
let asked = null;

// Fold and view live in the address, so that a view can be kept and sent.
const remember = (query) => history.replaceState(null, "", query ? `?${query}` : location.pathname);

const asQuery = () => {
  const query = new URLSearchParams(new FormData(form));
  for (const [name, value] of [...query]) if (value === "" || (name === "days" && value === "1")) query.delete(name);
  return query.toString();
};

const swap = (page) => {
  for (const part of document.querySelectorAll("[data-part]")) {
    const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
    // Whoever stands on a link keeps standing there.
    const href = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    if (fresh && fresh.innerHTML !== part.innerHTML) {
      part.replaceChildren(...document.importNode(fresh, true).childNodes);
      if (href) part.querySelector(`[href="${CSS.escape(href)}"]`)?.focus();
    }
  }
};

const fields = (page) => {
  for (const name of ["days", "day"]) {
    const field = page.querySelector(`[form=filters][name=${name}], #filters [name=${name}]`);
    if (field && form.elements[name] !== document.activeElement) form.elements[name].value = field.getAttribute("value");
  }
};

// Brings the page to what the address says; older answers are dropped.
const refresh = async () => {
  asked?.abort();
  asked = new AbortController();
  try {
    const [answer] = await Promise.all([fetch(location.href, { signal: asked.signal }), timeline?.load(location.search)]);
    if (!answer.ok || answer.redirected) {
      if (answer.redirected) location.reload();
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    swap(page);
    fields(page);
  } catch (error) {
    if (error.name !== "AbortError") console.warn(error.message);
  }
};

const filtered = () => {
  remember(asQuery());
  refresh();
};

document.addEventListener("change", (event) => event.target.form === form && filtered());
form.addEventListener("submit", (event) => {
  event.preventDefault();
  filtered();
});
form.elements.q.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(filtered, TYPING_MS);
});

const go = (link) => {
  const query = new URL(link.href).searchParams;
  for (const field of form.elements) {
    if (!field.name) continue;
    if (field.type === "checkbox") field.checked = query.has(field.name);
    else field.value = query.get(field.name) ?? (field.name === "days" ? "1" : "");
  }
  form.elements.fold.value = new URLSearchParams(location.search).get("fold") ?? "";
  history.pushState(null, "", link.href);
  refresh();
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  if (link.matches("[data-go]")) {
    event.preventDefault();
    go(link);
  } else if (link.matches("[data-panel]")) {
    event.preventDefault();
    openPanel(link.href, link);
  }
});
addEventListener("popstate", () => location.reload());

const foldChanged = (fold) => {
  form.elements.fold.value = fold;
  remember(asQuery());
};

const drawTimeline = async () => {
  if (!board || timeline || !WIDE.matches) return;
  const { createTimeline } = await import("./timeline.js");
  timeline = await createTimeline(board, { foldChanged, openPanel, changed: refresh });
  await timeline.load(location.search);
};

form.querySelector("[data-show]").hidden = true;
document.querySelector("[data-more]").open = WIDE.matches;
WIDE.addEventListener("change", drawTimeline);
drawTimeline();

// Several changes at once are one look.
let due = null;
listen(document.querySelector("[data-live]"), () => {
  clearTimeout(due);
  due = setTimeout(() => {
    refresh();
    refreshPanel();
  }, 150);
});
