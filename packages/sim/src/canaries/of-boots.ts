/** Canaries of boots: what a VM agent says that was taken for dead and replaced, and speaks on. */
import { NodeLifecycleLogic } from "../../../../apps/control/src/node/node-lifecycle-logic.ts";
import { attach, attachmentOf, type NodeSocket } from "../../../../apps/control/src/node/node-socket.ts";
import { instead, type Canary, type NodeLogicPorts } from "./canary.ts";

/** Whoever has a connection, and said hello on it at any time, is heard. */
class HearsOldEpochs extends NodeLifecycleLogic {
  constructor(ports: NodeLogicPorts) {
    super(ports);
    const hear = this.channel.message.bind(this.channel);
    this.channel.message = async (socket: NodeSocket, data: string | ArrayBuffer) => {
      const attachment = attachmentOf(socket);
      if (attachment.epoch > 0) attach(socket, { ...attachment, epoch: ports.store.load()?.epoch ?? 0 });
      await hear(socket, data);
    };
  }
}

/** A boot is only known while it is the newest. */
class ForgetsBoots extends NodeLifecycleLogic {
  constructor(ports: NodeLogicPorts) {
    super({ ...ports, boots: instead(ports.boots, { wasReplaced: () => false }) });
  }
}

export const ofBoots: readonly Canary[] = [
  {
    name: "old-epoch-counts",
    breaks: "What a VM agent says over its old connection counts, though another one has said hello since.",
    rule: 8,
    replaces: { nodeLogic: HearsOldEpochs },
  },
  {
    name: "old-boot-takes-over",
    breaks: "A VM agent that was replaced says hello again, and replaces the one that replaced it.",
    rule: 9,
    replaces: { nodeLogic: ForgetsBoots },
  },
];
