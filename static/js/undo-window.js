// The seconds in which something can still be undone, counted down; then the button goes.
class UndoWindow extends HTMLElement {
  connectedCallback() {
    const { searchParams } = new URL(this.querySelector("form").action);
    this.ends = performance.now() + Number(searchParams.get("left")) * 1000;
    this.toast = this.closest(".toast");
    this.toast.toggleAttribute("data-open", true);
    this.timer = setInterval(() => this.show(), 250);
    this.show();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  show() {
    const left = Math.ceil((this.ends - performance.now()) / 1000);
    this.querySelector("[data-left]").textContent = Math.max(left, 0);
    if (left > 0) return;
    clearInterval(this.timer);
    this.toast.toggleAttribute("data-open", false);
    this.remove();
  }
}

customElements.get("undo-window") ?? customElements.define("undo-window", UndoWindow);
