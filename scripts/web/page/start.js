// Before anything else: several threads need a page that is isolated, which the service worker sees to.

async function isolate() {
  if (self.crossOriginIsolated || !("serviceWorker" in navigator)) return; // then one thread does it
  try {
    await navigator.serviceWorker.register(new URL("isolation.js", import.meta.url));
    await navigator.serviceWorker.ready;
    if (!sessionStorage.getItem("isolated")) { // once: a browser that may not isolate must not reload for ever
      sessionStorage.setItem("isolated", "tried");
      location.reload();
      await new Promise(() => {});
    }
  } catch { /* no secure address, or not allowed: one thread */ }
}

await isolate();
try {
  await import("./page.js");
} catch (error) {
  const place = /** @type {HTMLElement} */ (document.getElementById("error"));
  place.textContent = error instanceof Error ? error.message : String(error);
  place.hidden = false;
}
