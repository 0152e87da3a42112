/**
 * A canary is a deliberate breakage of our own logic, as systems of this kind had it: a small wrapper around one part, put
 * in place of it in a world. The rules must catch every one of them, since a check that cannot fail is no check.
 */
import type { NodeFacts } from "@sam/domain/node-facts";
import type { RuleNumber } from "@sam/domain/rules/rule";
import type { TaskFacts } from "@sam/domain/task-facts";
import type { Provider } from "@sam/providers/provider";

import type { Alarm } from "../../../../apps/control/src/lifecycle/alarm.ts";
import type { Face } from "../../../../apps/control/src/lifecycle/face.ts";
import type { LifecycleStore } from "../../../../apps/control/src/lifecycle/lifecycle-store.ts";
import type { NodeCommands } from "../../../../apps/control/src/node/node-commands.ts";
import type { NodeIntent } from "../../../../apps/control/src/node/node-engine.ts";
import type { NodeLifecycleLogic } from "../../../../apps/control/src/node/node-lifecycle-logic.ts";
import type { sweep } from "../../../../apps/control/src/sweep/sweep.ts";
import type { TaskIntent } from "../../../../apps/control/src/task/task-engine.ts";
import type { TaskPorts } from "../../../../apps/control/src/task/task-ports.ts";
import type { TaskRunnerLogic } from "../../../../apps/control/src/task/task-runner-logic.ts";
import type { Machine } from "../machine/machine.ts";
import type { D1Storage } from "../storage/simulated-d1.ts";

export type TaskStore = Face<LifecycleStore<TaskFacts, TaskIntent>>;
export type NodeStore = Face<LifecycleStore<NodeFacts, NodeIntent>>;
export type TaskLogicPorts = ConstructorParameters<typeof TaskRunnerLogic>[0];
export type NodeLogicPorts = ConstructorParameters<typeof NodeLifecycleLogic>[0];

/** What a canary puts in place of a part; a part that it does not name stays as it is. */
export interface Replacements {
  readonly taskStore?: (store: TaskStore) => TaskStore;
  readonly nodeStore?: (store: NodeStore) => NodeStore;
  readonly taskWorld?: (world: TaskPorts, storage: D1Storage) => TaskPorts;
  readonly taskLogic?: new (ports: TaskLogicPorts) => TaskRunnerLogic;
  readonly nodeLogic?: new (ports: NodeLogicPorts) => NodeLifecycleLogic;
  readonly commands?: (commands: Face<NodeCommands>) => Face<NodeCommands>;
  readonly alarm?: (alarm: Alarm) => Alarm;
  readonly provider?: (provider: Provider) => Provider;
  readonly sql?: (text: string) => string;
  readonly sweep?: typeof sweep;
  readonly machine?: (machine: Machine) => void;
}

export interface Canary {
  readonly name: string;
  /** What is broken, as a sentence. */
  readonly breaks: string;
  /** The rule by which it is caught. */
  readonly rule: RuleNumber;
  readonly replaces: Replacements;
}

/** @returns the same object, with some of its methods replaced. */
export function instead<Part extends object>(part: Part, methods: Partial<Part>): Part {
  return new Proxy(part, {
    get: (target, name) => {
      const replaced: unknown = Reflect.get(methods, name);
      if (replaced !== undefined) return replaced;
      const own: unknown = Reflect.get(target, name, target);
      if (typeof own !== "function") return own;
      const bound: unknown = own.bind(target);
      return bound;
    },
  });
}
