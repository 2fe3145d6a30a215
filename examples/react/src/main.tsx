import { ClerkProvider } from "@clerk/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { clerkOptions } from "./clerk_options.ts";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with the id root");
const options = await clerkOptions();
createRoot(root).render(
  <StrictMode>
    <ClerkProvider {...options} afterSignOutUrl="/">
      <App />
    </ClerkProvider>
  </StrictMode>,
);
