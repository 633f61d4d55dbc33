// The weekday of a weekly series follows its first date, as long as it is the only one ticked.
const NAMES = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

function weekday(date) {
  const day = new Date(`${date}T00:00:00Z`).getUTCDay();
  return Number.isNaN(day) ? null : NAMES[day];
}

class RepeatField extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    this.date = this.form.elements.namedItem("date");
    this.before = weekday(this.date.value);
    // Before anybody else hears of the change, so that what is sent is right.
    this.form.addEventListener("change", this, true);
  }

  disconnectedCallback() {
    this.form.removeEventListener("change", this, true);
  }

  handleEvent({ target }) {
    const chosen = this.querySelectorAll("[name=on]:checked");
    const name = weekday(this.date.value);
    if (target === this.date && name) {
      if (chosen.length === 1 && chosen[0].value === this.before) {
        chosen[0].checked = false;
        this.box(name).checked = true;
      }
      this.before = name;
    } else if (target.name === "repeat" && name && !chosen.length) {
      this.box(name).checked = true;
    }
  }

  box(name) {
    return this.querySelector(`[name=on][value=${name}]`);
  }
}

customElements.get("repeat-field") ?? customElements.define("repeat-field", RepeatField);
