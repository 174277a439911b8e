// The browser's own dialog prints the page, or saves it as a PDF.

const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => window.print());
