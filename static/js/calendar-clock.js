// Keeps the now-line at now, in the reader's zone, which need not be the browser's.
const EVERY = 15_000;

function wallClock(zone) {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit",
    hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).formatToParts(new Date());
  const part = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return { date: `${part.year}-${part.month}-${part.day}`, time: `${part.hour}:${part.minute}` };
}

function move() {
  const grid = document.querySelector(".cal[data-zone]");
  const hands = grid?.querySelectorAll(".now, .now-tag, .now-thread") ?? [];
  if (!hands.length) {
    return;
  }
  const { date, time } = wallClock(grid.dataset.zone);
  const hour = Number(time.slice(0, 2));
  const shown = date === grid.dataset.today
    && hour >= Number(grid.dataset.opens) && hour < Number(grid.dataset.closes);
  for (const hand of hands) {
    hand.hidden = !shown;
    hand.dataset.from = time;
    if (hand.matches(".now-tag")) {
      hand.textContent = time.replace(/^0/, "");
    }
  }
}

setInterval(move, EVERY);
document.addEventListener("visibilitychange", move);
