// A button that is pressed must still be there when it is let go: what the field that was left by
// the press has to ask, and what replaces the button, waits until then.
let pressed = false;
const waiting = [];

function letGo() {
  pressed = false;
  for (const ask of waiting.splice(0)) ask();
}

document.addEventListener("pointerdown", ({ button }) => { pressed = button === 0; }, true);
document.addEventListener("pointerup", letGo, true);
document.addEventListener("pointercancel", letGo, true);

document.addEventListener("htmx:confirm", (event) => {
  if (!pressed) return;
  event.preventDefault();
  waiting.push(() => event.detail.issueRequest());
});
