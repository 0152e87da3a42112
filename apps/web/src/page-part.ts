/**
 * A part of the page is code that is fetched when it is first needed. Where the network is gone, the part is waited for,
 * and what is shown stays. Where the part is gone, since SAM was built anew meanwhile, the page is loaded again, once a
 * minute at most.
 */
const storageKey = "sam.reloadedAt";
const reloadPauseMs = 60_000;
const againMs = 1_000;
const answerTimeoutMs = 5_000;
/** Fetched a second time once the server answers: it may have come back between. */
const triesBeforeGone = 2;

/** @returns the part, however long its network is gone. @throws where it is gone for good */
export async function fetchPart<Part>(load: () => Promise<Part>): Promise<Part> {
  for (let missing = 0; ;) {
    try {
      return await load();
    } catch (error) {
      if (await isServerThere()) missing += 1;
      else await pause(againMs);
      if (missing >= triesBeforeGone && !reloadOnce()) throw error;
    }
  }
}

async function isServerThere(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(answerTimeoutMs);
    return (await fetch("/icon.svg", { method: "HEAD", cache: "no-store", signal })).ok;
  } catch {
    return false;
  }
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
}

/** @returns whether the page is being loaded again. */
function reloadOnce(): boolean {
  const now = Date.now();
  try {
    if (now - Number(sessionStorage.getItem(storageKey) ?? 0) < reloadPauseMs) return false;
    sessionStorage.setItem(storageKey, String(now));
  } catch {
    // Without storage nobody knows when it was done last.
    return false;
  }
  window.location.reload();
  return true;
}
