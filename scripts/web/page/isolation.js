// A service worker: gives the page's files the headers without which browsers let no page use several threads.
// Servers such as python -m http.server do not send them. Nothing is kept. Requests to another place are
// refused, those of workers too.

/** @type {any} */ const worker = self;

worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("fetch", (/** @type {any} */ event) => event.respondWith(isolated(event.request)));

/** @param {Request} request @returns {Promise<Response>} */
async function isolated(request) {
  if (new URL(request.url).origin !== worker.location.origin) return Response.error();
  const answer = await fetch(request);
  const headers = new Headers(answer.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers });
}
