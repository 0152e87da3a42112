/** Starts the page. */
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { createQueryClient } from "./api/query-client.ts";
import { createPageRouter } from "./routes.tsx";

import "./theme/theme.css";
import "./app.css";

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={createQueryClient()}>
        <RouterProvider router={createPageRouter()} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
