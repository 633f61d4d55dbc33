// People as chips. The two lines of addresses stay the truth and are what is sent; chips only
// show them, and a list of colleagues helps to fill them.
const BETWEEN_COMMAS = /(?:"[^"]*"|[^,\n])+/g;
const BETWEEN_SEMICOLONS = /(?:"[^"]*"|[^;\n])+/g;
const WITH_NAME = /^([^<>]*)<([^<>]*)>$/;
const ADDRESS = /^[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+$/;

function read(text) {
  // Where there are semicolons, a comma belongs to a name.
  const plain = text.replace(/"[^"]*"/g, "");
  const entry = plain.includes(";") ? BETWEEN_SEMICOLONS : BETWEEN_COMMAS;
  return (text.match(entry) ?? []).map((piece) => piece.trim()).filter(Boolean);
}

function shown(mailbox) {
  const found = WITH_NAME.exec(mailbox);
  return found?.[1].replaceAll('"', "").trim() || found?.[2].trim() || mailbox;
}

function key(mailbox) {
  return (WITH_NAME.exec(mailbox)?.[2] ?? mailbox).trim().toLowerCase();
}

class PeopleField extends HTMLElement {
  connectedCallback() {
    this.box = this.querySelector("[data-box]");
    this.input = this.querySelector("[role=combobox]");
    this.list = this.querySelector("[role=listbox]");
    this.template = this.querySelector("template");
    this.lines = {
      required: this.querySelector("[name=required]"),
      optional: this.querySelector("[name=optional]"),
    };
    document.querySelector("label[for=required]").htmlFor = this.input.id;
    this.querySelector("[data-plain]").hidden = true;
    this.box.hidden = false;
    this.draw();
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.input.addEventListener("input", () => this.onInput());
    this.input.addEventListener("blur", () => this.onBlur());
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.choose(event.target.closest("[role=option]")));
    this.list.addEventListener("htmx:afterSwap", () => this.onFound());
    this.box.addEventListener("click", (event) => {
      if (event.target === this.box) this.input.focus();
    });
    // What the browser restores on the way back arrives after us.
    this.onShow = () => this.draw();
    window.addEventListener("pageshow", this.onShow);
  }

  disconnectedCallback() {
    window.removeEventListener("pageshow", this.onShow);
  }

  people() {
    return Object.entries(this.lines).flatMap(([role, line]) =>
      read(line.value).map((mailbox) => ({ role, mailbox })),
    );
  }

  write(people, said = "") {
    for (const [role, line] of Object.entries(this.lines)) {
      line.value = people.filter((person) => person.role === role).map((p) => p.mailbox).join(", ");
    }
    this.draw();
    this.querySelector("[data-said]").textContent = said;
    this.lines.required.dispatchEvent(new Event("change", { bubbles: true }));
  }

  draw() {
    for (const chip of this.box.querySelectorAll(".chip")) chip.remove();
    for (const person of this.people()) this.input.before(this.chip(person));
  }

  chip({ role, mailbox }) {
    const chip = this.template.content.firstElementChild.cloneNode(true);
    const [toggle, remove] = chip.querySelectorAll("button");
    const optional = role === "optional";
    chip.title = key(mailbox);
    chip.querySelector("[data-name]").textContent = shown(mailbox);
    chip.querySelector("[data-optional]").hidden = !optional;
    toggle.setAttribute("aria-pressed", optional);
    toggle.addEventListener("click", () => this.turn(mailbox, optional ? "required" : "optional"));
    remove.setAttribute("aria-label", `${remove.getAttribute("aria-label")} ${shown(mailbox)}`);
    remove.addEventListener("click", () => this.remove(mailbox));
    return chip;
  }

  add(text) {
    const known = new Set(this.people().map(({ mailbox }) => key(mailbox)));
    const fresh = read(text).filter((mailbox) => !known.has(key(mailbox)));
    this.input.value = "";
    this.close();
    const { added } = this.querySelector("[data-said]").dataset;
    const all = [...this.people(), ...fresh.map((mailbox) => ({ role: "required", mailbox }))];
    this.write(all, fresh.length ? `${fresh.map(shown).join(", ")} ${added}` : "");
  }

  turn(mailbox, role) {
    this.write(this.people().map((p) => (p.mailbox === mailbox ? { mailbox, role } : p)));
    const chips = [...this.box.querySelectorAll(".chip")];
    chips.find((chip) => chip.title === key(mailbox))?.querySelector("button").focus();
  }

  remove(mailbox) {
    const { removed } = this.querySelector("[data-said]").dataset;
    const left = this.people().filter((person) => person.mailbox !== mailbox);
    this.write(left, `${shown(mailbox)} ${removed}`);
    this.input.focus();
  }

  options() {
    return [...this.list.querySelectorAll("[role=option]:not([aria-disabled])")];
  }

  active() {
    return this.list.querySelector("[aria-selected=true]");
  }

  point(option) {
    this.active()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  onFound() {
    const there = this.list.childElementCount > 0 && this.input.value.trim() !== "";
    this.list.hidden = !there;
    this.input.setAttribute("aria-expanded", there);
    this.point(there ? this.options()[0] : null);
  }

  close() {
    this.list.replaceChildren();
    this.onFound();
  }

  choose(option) {
    if (option?.dataset.mailbox) this.add(option.dataset.mailbox);
  }

  onInput() {
    // Several at once, pasted or typed with a comma.
    const text = this.input.value;
    if (/[,;\n]/.test(text) && text.includes("@")) this.add(text);
    else if (!text.trim()) this.close();
  }

  onBlur() {
    if (ADDRESS.test(this.input.value.trim())) this.add(this.input.value);
    else this.close();
  }

  onKey(event) {
    const options = this.options();
    const at = options.indexOf(this.active());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!options.length) return void this.input.dispatchEvent(new Event("look"));
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.point(options[(at + step + options.length) % options.length]);
    } else if (event.key === "Enter") {
      event.preventDefault(); // a name half typed is no reason to send the form
      if (at >= 0) this.choose(options[at]);
      else if (ADDRESS.test(this.input.value.trim())) this.add(this.input.value);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
    } else if (event.key === "Backspace" && !this.input.value) {
      const last = this.box.querySelector(".chip:last-of-type [data-remove]");
      last?.click();
    }
  }
}

customElements.define("people-field", PeopleField);
