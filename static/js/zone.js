// What only the browser knows: its time zone. Proposed, never taken without a word.
const guess = Intl.DateTimeFormat().resolvedOptions().timeZone;

const question = document.getElementById("ask-zone");
const current = question?.querySelector("[data-current]").value;
if (guess && question && guess !== named(current)) {
  for (const part of question.querySelectorAll("[data-if]")) {
    part.hidden = part.dataset.if !== "other";
  }
  for (const name of question.querySelectorAll("[data-zone]")) {
    name.textContent = guess;
  }
  question.querySelector("[data-guess]").value = guess;
}

// How this browser calls a zone: it may still use an older name, as in its guess.
function named(zone) {
  try {
    return new Intl.DateTimeFormat([], { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return zone; // newer than the browser
  }
}

// A form may carry the guess along, as long as nobody has chosen: sign-up does.
for (const field of document.querySelectorAll("input[data-zone-guess]")) {
  field.value ||= guess ?? "";
}
