// A button beside each new password that shows what was typed. Its words come with the page.

for (const holder of document.querySelectorAll(".shown-on-request")) {
  const field = holder.querySelector("input");
  const button = holder.querySelector("button");
  button.hidden = false;
  button.addEventListener("click", () => {
    const hidden = field.type === "password";
    field.type = hidden ? "text" : "password";
    button.setAttribute("aria-pressed", String(hidden));
    field.focus();
  });
}
