// What only the browser knows: its time zone. Proposed, never taken without a word.
const guess = Intl.DateTimeFormat().resolvedOptions().timeZone;

const question = document.getElementById("ask-zone");
const current = question?.querySelector("[data-current]").value;
if (guess && question && guess !== current) {
  for (const part of question.querySelectorAll("[data-if]")) {
    part.hidden = part.dataset.if !== "other";
  }
  for (const name of question.querySelectorAll("[data-zone]")) {
    name.textContent = guess;
  }
  question.querySelector("[data-guess]").value = guess;
}

// A form may carry the guess along, as long as nobody has chosen: sign-up does.
for (const field of document.querySelectorAll("input[data-zone-guess]")) {
  field.value ||= guess ?? "";
}
