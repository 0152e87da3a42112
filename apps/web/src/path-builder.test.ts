import { createMemoryHistory } from "@tanstack/react-router";
import { describe, expect, it } from "vitest";

import { apiPath, pathTo } from "./path-builder.ts";
import { createPageRouter } from "./routes.tsx";
import { projectId, taskId } from "./testing/task-rows.ts";

const router = createPageRouter();
router.update({ history: createMemoryHistory({ initialEntries: ["/"] }) });

const links = [
  pathTo.home(),
  pathTo.signIn(),
  pathTo.inbox(),
  pathTo.projects(),
  pathTo.project(projectId),
  pathTo.task(taskId),
  pathTo.nodes(),
  pathTo.agents(),
  pathTo.secrets(),
  pathTo.audit(),
  pathTo.saved(),
  pathTo.notifications(),
  pathTo.more(),
  pathTo.break(),
];

describe("every link leads to a place on the map", () => {
  it.each(links.map((link) => [router.buildLocation(link).href, link.to]))("%s", (href, to) => {
    const matches = router.matchRoutes(router.buildLocation({ to: href }).pathname, {});
    expect(matches.at(-1)?.fullPath).toBe(to);
  });

  it("and every place on the map has a link", () => {
    // "/$" catches what is no place.
    const places = Object.keys(router.routesByPath).filter((path) => path !== "/$");
    expect(links.map(({ to }) => to).toSorted()).toEqual(places.toSorted());
  });
});

it("names the moment of a task in its address", () => {
  const { href } = router.buildLocation(pathTo.taskAsOf(taskId, 1_795_600_000_000));
  expect(href).toBe(`/tasks/${taskId}?asOf=1795600000000`);
});

it("escapes what a name may hold", () => {
  expect(apiPath.secret("A/../B?")).toBe("/api/secrets/A%2F..%2FB%3F");
});
