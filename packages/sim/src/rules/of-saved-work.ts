/** Rule 8, of saved work: it is where its task says that it is, and none is lost with a machine. */
import { savedRefOf, type SavedWork } from "@sam/domain/saved-work";
import type { TaskFacts } from "@sam/domain/task-facts";

import type { World } from "../world.ts";

interface Misplaced {
  readonly about: string;
  readonly what: string;
}

export function ofSavedWork(world: World): readonly Misplaced[] {
  return [...world.control.tasks.objects.values()].flatMap(({ id, disk }) => {
    const { facts } = disk.lifecycle;
    if (facts === null || facts.savedWork === null) return [];
    const wrong = misplaced(world, facts, facts.savedWork);
    const { commit, place } = facts.savedWork;
    return wrong === null
      ? []
      : [{ about: id, what: `its saved work ${commit.slice(-6)}, in place ${place}, ${wrong}` }];
  });
}

/** @returns what is wrong; null: nothing. */
function misplaced({ remote, machines, book }: World, { request, cancel }: TaskFacts, work: SavedWork): string | null {
  const { place, commit, forget, nodeId } = work;
  const { taskId } = request;
  const listed = remote.refs.get(savedRefOf(taskId))?.id;
  switch (place) {
    case "remote": {
      // Saved once more on a machine that went before it could say so: that has what was saved before, too.
      const isThere = listed === commit || (listed !== undefined && listed === book.saved.get(taskId)?.id);
      return isThere || forget !== null ? null : `is not there: the remote lists ${listed ?? "nothing"}`;
    }
    case "mirror": {
      const isThere = [...machines.values()].some(
        (machine) => machine.nodeId === nodeId && machine.disk.mirror.get(taskId)?.id === commit,
      );
      return isThere ? null : `is not on ${nodeId}`;
    }
    case "removed":
      return listed === commit ? "is still at the remote" : null;
    case "lost":
      // Who forces the end of a task is told that what its machine alone has of it goes with that.
      return cancel?.forced === undefined ? `went with ${nodeId}` : null;
  }
}
