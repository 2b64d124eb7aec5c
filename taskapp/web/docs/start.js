// Shows this service's OpenAPI document in Swagger UI, which is loaded before this module.

const dark = matchMedia("(prefers-color-scheme: dark)");
const paint = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", paint);
paint();

globalThis.SwaggerUIBundle({
  url: document.body.dataset.document,
  dom_id: "#viewer",
  deepLinking: true,
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: true,
  // Nothing is sent to another server.
  validatorUrl: null,
});
