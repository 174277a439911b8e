// Counts a hold down to its end; without this module the page still shows the time of day.
for (const clock of document.querySelectorAll("[data-expires-at]")) {
  const end = Date.parse(clock.dataset.expiresAt);
  // The server's clock decides: count from the moment at which it sent the page.
  const offset = Date.parse(clock.dataset.now) - Date.now();
  const show = () => {
    const left = Math.max(0, Math.ceil((end - Date.now() - offset) / 1000));
    const two = number => String(number).padStart(2, "0");
    const hours = Math.floor(left / 3600);
    const minutes = Math.floor(left / 60) % 60;
    const rest = `${hours ? two(minutes) : minutes}:${two(left % 60)}`;
    clock.textContent = hours ? `${hours}:${rest}` : rest;
    if (left === 0) {
      clearInterval(timer);
      location.reload();
    }
  };
  const timer = setInterval(show, 1000);
  show();
}
