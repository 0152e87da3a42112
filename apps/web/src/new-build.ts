/**
 * A page that was open while SAM was built anew asks for parts that are gone. It is loaded again, but not for ever: once
 * a minute at most.
 */
const storageKey = "sam.reloadedAt";
const pauseMs = 60_000;

export function reloadOnceForNewBuild(): void {
  window.addEventListener("vite:preloadError", (event) => {
    const reloadedAt = Number(sessionStorage.getItem(storageKey) ?? 0);
    if (Date.now() - reloadedAt < pauseMs) return;
    sessionStorage.setItem(storageKey, String(Date.now()));
    event.preventDefault();
    window.location.reload();
  });
}
