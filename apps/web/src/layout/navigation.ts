/** The places that are one press away, in the order of the bars. On a phone the last ones stand behind "More". */
import { pathTo } from "../path-builder.ts";
import type { IconName } from "../ui/Icon.tsx";

export interface Place {
  readonly label: string;
  readonly icon: IconName;
  readonly link: { readonly to: "/" | "/projects" | "/nodes" | "/agents" | "/secrets" | "/saved" | "/audit" | "/more" };
}

const home: Place = { label: "Home", icon: "home", link: pathTo.home() };
const projects: Place = { label: "Projects", icon: "projects", link: pathTo.projects() };
const nodes: Place = { label: "Nodes", icon: "nodes", link: pathTo.nodes() };
const agents: Place = { label: "Agents", icon: "agents", link: pathTo.agents() };
const secrets: Place = { label: "Secrets", icon: "secrets", link: pathTo.secrets() };
const saved: Place = { label: "Saved", icon: "saved", link: pathTo.saved() };
const audit: Place = { label: "Audit", icon: "proof", link: pathTo.audit() };
const more: Place = { label: "More", icon: "more", link: pathTo.more() };

export const barPlaces: readonly Place[] = [home, projects, nodes, more];
export const railPlaces: readonly Place[] = [home, projects, nodes, agents, secrets, saved, audit, more];
export const furtherPlaces: readonly Place[] = [agents, secrets, saved, audit];
