// The operations of the REST API, read from their description and drawn by Swagger UI.
const place = document.getElementById("operations");
const root = document.documentElement;

// Swagger UI has colours for the dark, chosen by a class.
const night = matchMedia("(prefers-color-scheme: dark)");
const look = () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : night.matches;
  root.classList.toggle("dark-mode", dark);
};
night.addEventListener("change", look);
look();

window.SwaggerUIBundle({
  url: place.dataset.description,
  domNode: place,
  deepLinking: true,
  docExpansion: "list",
  operationsSorter: "alpha",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  persistAuthorization: false,
  syntaxHighlight: { theme: "tomorrow-night" },
  validatorUrl: null,
  requestInterceptor: (request) => {
    if (place.dataset.csrf) request.headers["X-CSRFToken"] = place.dataset.csrf;
    return request;
  },
});
