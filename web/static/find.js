// What the live answer of the search needs beside htmx: the map's numbers, where to look, the fold
// of the map. Without this module the form and every link work as they are.
const form = document.querySelector("#wish");
const answer = document.querySelector("#answer");
const fold = document.querySelector("[data-map-fold]");
const wide = window.matchMedia("(width >= 60rem)");
let asked = false;

// On a wide screen the map stands open; on a phone it is asked for.
if (fold) fold.open = wide.matches;

// A pressed button leads to the offers; a change of a field leaves the reader where they are.
form?.addEventListener("submit", () => {
  asked = true;
});

// An address says what was chosen, not what was left as it was.
form?.addEventListener("formdata", ({ formData }) => {
  const ticked = new Set(formData.getAll("extra"));
  for (const [name, value] of [...formData]) {
    const [field, ...rest] = name.split(".");
    const unasked = ["units", "when", "gap", "hours"].includes(field) && rest.length && !ticked.has(rest.join("."));
    if (value === "" || unasked) formData.delete(name);
  }
});

document.addEventListener("htmx:after:swap", () => {
  const marks = answer.querySelector("[data-marks]");
  const map = document.querySelector("#find-map");
  if (marks && map) map.dataset.mark = marks.dataset.marks;
  if (asked && answer.getBoundingClientRect().top > 0 && !wide.matches) {
    answer.focus({ preventScroll: true });
    answer.scrollIntoView();
  }
  asked = false;
});
