// What the live answer of the search needs beside htmx: short addresses, the map's numbers, where
// to look. Without this module the form and every link work as they are. It listens on the document:
// going back in time exchanges the whole page.
const wide = window.matchMedia("(width >= 60rem)");
const TIMING = ["units", "when", "gap", "hours"];
let pressed = false;

// On a wide screen the map stands open; on a phone it is asked for.
const unfold = () => {
  for (const fold of document.querySelectorAll("[data-map-fold]:not([data-unfolded])")) {
    fold.dataset.unfolded = "";
    fold.open = wide.matches;
  }
};

// A pressed button leads to the offers; a change of a field leaves the reader where they are.
document.addEventListener("submit", ({ target }) => {
  pressed = target.id === "wish";
});

// An address says what was chosen, not what was left as it was.
document.addEventListener("formdata", ({ target, formData }) => {
  if (target.id !== "wish") return;
  const ticked = formData.getAll("extra");
  for (const [name, value] of [...formData]) {
    const [field, ...of] = name.split(".");
    const unticked = TIMING.includes(field) && of.length > 0 && !ticked.includes(of.join("."));
    if (value === "" || unticked) formData.delete(name);
  }
});

document.addEventListener("htmx:after:swap", () => {
  unfold();
  const answer = document.querySelector("#answer");
  const marks = answer?.querySelector("[data-marks]");
  if (marks) document.querySelector("#find-map").dataset.mark = marks.dataset.marks;
  if (pressed && !wide.matches) {
    answer.focus({ preventScroll: true });
    answer.scrollIntoView();
  }
  pressed = false;
});

unfold();
