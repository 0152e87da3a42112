/** The theme: the system's, or the one that was chosen here. `public/theme.js` applies it before the first paint. */
const storageKey = "sam.theme";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

function isTheme(text: string | null | undefined): text is Theme {
  return themes.some((theme) => theme === text);
}

/** @returns the theme in force on this page. */
export function currentTheme(): Theme {
  const { theme } = document.documentElement.dataset;
  return isTheme(theme) ? theme : "system";
}

/** Applies a theme and remembers it, where the browser lets us. */
export function chooseTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  try {
    if (theme === "system") localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, theme);
  } catch {
    // Storage may be refused: the choice holds for this page.
  }
}
