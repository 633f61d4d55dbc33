// Times that move together: the end keeps its distance from the start, a length sets the end,
// and the last day shows only where there can be one.
const DAY = 24 * 60;
const CLOCK = /^(\d{1,2})(?:[:.h]?([0-5]\d))?\s*(?:([ap])\.?m\.?)?$/i;

// Minutes from midnight, or null: the server says what is wrong.
function minutes(text) {
  const found = CLOCK.exec(text.trim());
  if (!found) return null;
  const hour = Number(found[1]);
  const half = found[3]?.toLowerCase();
  if (half ? hour < 1 || hour > 12 : hour > 24) return null;
  return (half ? (hour % 12) + (half === "p" ? 12 : 0) : hour) * 60 + Number(found[2] ?? 0);
}

function clock(minute) {
  const rest = ((minute % DAY) + DAY) % DAY;
  return `${Math.floor(rest / 60)}:${String(rest % 60).padStart(2, "0")}`;
}

function days(from, to) {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86400000) || 0;
}

function later(date, count) {
  const moved = new Date(`${date}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + count);
  return moved.toISOString().slice(0, 10);
}

class WhenField extends HTMLElement {
  connectedCallback() {
    for (const name of ["date", "start", "end", "until", "all_day"]) {
      this[name] = this.querySelector(`[name=${name}]`);
    }
    this.lengths = this.querySelector("[data-lengths]");
    this.lengths.hidden = false;
    this.addEventListener("change", ({ target }) => this.onChange(target));
    this.lengths.addEventListener("click", ({ target }) => {
      const { minutes: length } = target.closest("button")?.dataset ?? {};
      if (length) this.take(Number(length));
    });
    this.remember();
  }

  // How long it is now, in minutes; null if that cannot be read.
  length() {
    const start = minutes(this.start.value);
    const end = minutes(this.end.value);
    if (start === null || end === null) return null;
    const length = end - start + (this.until.value ? days(this.date.value, this.until.value) * DAY : 0);
    return length <= 0 && end === 0 && !this.until.value ? length + DAY : length;
  }

  remember() {
    this.before = { length: this.length(), date: this.date.value };
    for (const button of this.lengths.children) {
      const chosen = Number(button.dataset.minutes) === this.before.length && !this.all_day.checked;
      button.setAttribute("aria-pressed", chosen);
    }
  }

  endAfter(length) {
    const end = minutes(this.start.value) + length;
    this.end.value = clock(end);
    const over = Math.floor(end / DAY);
    this.until.value = over && end % DAY && this.date.value ? later(this.date.value, over) : "";
    this.toggleAttribute("data-long", Boolean(this.until.value));
  }

  take(length) {
    if (minutes(this.start.value) === null) return;
    this.all_day.checked = false;
    this.endAfter(length);
    this.end.dispatchEvent(new Event("change", { bubbles: true }));
  }

  onChange(field) {
    for (const input of [this.start, this.end]) {
      if (input === field && minutes(input.value) !== null) input.value = clock(minutes(input.value));
    }
    if (field === this.start && minutes(field.value) !== null && this.before.length > 0) {
      this.endAfter(this.before.length);
    } else if (field === this.date && this.until.value && this.before.date) {
      this.until.value = later(this.until.value, days(this.before.date, this.date.value));
    } else if (field === this.all_day) {
      this.onAllDay();
    }
    if (!this.all_day.checked) {
      this.toggleAttribute("data-long", Boolean(this.until.value) || this.length() <= 0);
    }
    this.remember();
  }

  onAllDay() {
    this.until.value = "";
    if (!this.all_day.checked && !this.start.value) {
      this.start.value = "9:00";
      this.end.value = "10:00";
    }
  }
}

customElements.define("when-field", WhenField);
