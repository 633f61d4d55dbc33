// Enter in the search for a room looks for it; it does not send the form.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.id === "room_q") {
    event.preventDefault();
  }
});
