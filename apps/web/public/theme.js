// Runs before the first paint, so that a chosen theme does not flash; src/theme/theme.ts writes what is read here.
try {
  const theme = localStorage.getItem("sam.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be refused; the system's theme is used.
}
