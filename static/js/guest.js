// The guest's page shows its times in the zone of the browser, or in the one that is chosen,
// without losing a note that is being written.
const guess = Intl.DateTimeFormat().resolvedOptions().timeZone;

async function show(zone) {
  const address = new URL(location.href);
  address.searchParams.set("zone", zone);
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("when");
  if (!fresh) return;
  for (const id of ["when", "given", "other-dates", "proposed", "propose-link"]) {
    const [old, part] = [document.getElementById(id), page.getElementById(id)];
    if (old && part) {
      part.open = old.open;
      old.replaceWith(part);
    }
  }
  const field = document.querySelector(".reply [name=zone]");
  if (field) field.value = fresh.dataset.zone;
  history.replaceState(null, "", address);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.closest(".zone-pick")) return;
  event.preventDefault();
  show(form.elements.zone.value).then(() => document.querySelector(".zone-pick summary").focus());
});

const when = document.getElementById("when");
if ("guess" in when.dataset && guess && guess !== when.dataset.zone) show(guess);
