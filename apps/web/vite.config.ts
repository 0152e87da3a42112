/** How the page is built. `npm run build` runs it; hashed files may be cached for ever, `index.html` never. */
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    // `light-dark()` is used as it stands: older browsers are not served a second copy of every colour.
    target: ["chrome123", "firefox121", "safari17.5"],
    modulePreload: { polyfill: false },
    // The policy of the page allows no data: scripts or styles; every asset is a file.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2_000,
  },
});
