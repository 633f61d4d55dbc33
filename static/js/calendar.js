// What links cannot do on the calendar: keep the hour in view and the focus where one reads,
// come back, and begin a meeting at the hour that was clicked.
const HALF_HOUR = 30;
const USUAL_START = 7;

const calendar = () => document.getElementById("calendar");
const grid = () => document.querySelector("#calendar .cal");
const panel = () => document.getElementById("panel");

// On a phone the document scrolls, else the page's main part does.
function scroller() {
  const main = document.getElementById("main");
  return getComputedStyle(main).overflowY === "visible" ? document.scrollingElement : main;
}

function hourHeight() {
  const { opens, closes } = grid().dataset;
  return grid().querySelector(".cal-body").offsetHeight / (closes - opens);
}

// How far the hours have gone up under what stays on top of them.
function underTop() {
  const [top, body] = [".cal-all", ".cal-body"].map((part) => grid().querySelector(part).getBoundingClientRect());
  return top.bottom - body.top;
}

// The window may open earlier in one week than in the next.
function hourOnTop() {
  return Number(grid().dataset.opens) + underTop() / hourHeight();
}

function showHour(hour) {
  // Once for what is there, and again for what stopped at the top meanwhile.
  for (let pass = 0; pass < 2; pass += 1) {
    scroller().scrollTop += (hour - hourOnTop()) * hourHeight();
  }
}

// The meeting that the panel shows, and of a series which date, as a selector of its block.
function shown() {
  const { meeting, date } = panel().dataset;
  return meeting ? `[data-meeting="${meeting}"]${date ? `[data-date="${date}"]` : ""}` : "";
}

// What the page showed before the swap under way; HTMX may say more than once that it is over.
let before = null;

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target === calendar()) {
    before = { hour: hourOnTop(), shown: shown() };
  }
});

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target !== calendar() || !before) {
    return;
  }
  showHour(before.hour);
  const now = shown();
  if (now && now !== before.shown) {
    document.getElementById("panel-title").focus();
  } else if (before.shown && !now) {
    calendar().querySelector(`.block${before.shown}`)?.focus();
  }
  before = null;
});

// An error has a page of its own.
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, ({ detail }) => {
    if (detail.target === calendar() && detail.requestConfig.verb === "get") {
      location.assign(detail.pathInfo.requestPath);
    }
  });
}

function ask(path) {
  window.htmx.ajax("get", path, {
    target: "#calendar",
    swap: "outerHTML show:none",
    select: "#calendar",
    selectOOB: calendar().getAttribute("hx-select-oob"),
  });
}

// Back and forth ask anew, for an answer may have been given meanwhile.
document.addEventListener("htmx:historyCacheMiss", (event) => {
  if (calendar()) {
    event.preventDefault();
    ask(event.detail.path);
  }
});

window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) {
    ask(location.pathname + location.search);
  }
});

document.addEventListener("click", (event) => {
  const day = event.target.closest(".cal-day");
  if (!day || event.target.closest("a")) {
    return;
  }
  const box = day.getBoundingClientRect();
  const { opens, closes } = grid().dataset;
  const minutes = opens * 60 + ((event.clientY - box.top) / box.height) * (closes - opens) * 60;
  const at = Math.floor(minutes / HALF_HOUR) * HALF_HOUR;
  const time = `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`;
  location.assign(`${grid().dataset.new}?${new URLSearchParams({ date: day.dataset.date, time })}`);
});

if (scroller().scrollTop === 0 && hourOnTop() < USUAL_START) {
  showHour(USUAL_START);
}
