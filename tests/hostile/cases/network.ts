/** Ways in over the network, for what an agent starts, runs or knows. Each is tried by `network.test.ts` or `gateway.test.ts`. */
import type { HostileCase } from "../support/hostile-case.ts";

const isProven = "a session is a cookie and a proof, which only a page of our own origin can read and send";

export const networkCases = {
  stolenCookie: {
    id: "stolen-cookie",
    what: "a server on another port of this machine, opened in the same browser, that uses the cookie it is sent",
    mustNot: "act or look as the owner",
    heldBy: isProven,
  },
  foreignPage: {
    id: "foreign-page",
    what: "a page of another port that fetches, posts forms, dials, frames, opens and loads scripts of SAM's",
    mustNot: "change or read anything",
    heldBy: `${isProven}; the origin of a request is compared; no answer may be framed or read from elsewhere`,
  },
  localhost: {
    id: "localhost",
    what: "a server on [::1], which a browser takes for SAM by the name localhost",
    mustNot: "ever be where the page has kept its proof",
    heldBy: "the page has one name on a person's own machine, and leads there from every other",
  },
  lostProof: {
    id: "lost-proof",
    what: "a browser whose page has lost its storage",
    mustNot: "be half signed in, or leave the person without a way back",
    heldBy: "every page says how to sign in again",
  },
  usedLink: {
    id: "used-link",
    what: "a link that was used already, opened in another browser",
    mustNot: "sign in",
    heldBy: "a link is taken once, by a compare-and-set in the database",
  },
  rebinding: {
    id: "rebinding",
    what: "a name of the web that is given our address, in `Host` and in the address",
    mustNot: "be answered",
    heldBy: "locally no other name than our own is served",
  },
  otherOwner: {
    id: "other-owner",
    what: "a valid token of another owner, with every id of the first one's",
    mustNot: "read or change anything",
    heldBy: "every query carries the owner; what is another's is not found",
  },
  fromInside: {
    id: "from-inside",
    what: "requests to the API from inside of the sandbox: without a token, with guessed ones, as a node, as a page",
    mustNot: "be taken",
    heldBy: "every route but health and signing in asks who calls",
  },
  nodeToken: {
    id: "node-token",
    what: "a node's own token in other hands: grants and events of other tasks, of other owners, for other agents, after the end",
    mustNot: "get a key, or move a task that is not this node's",
    heldBy:
      "a node speaks for the tasks that it holds; a grant goes to who holds the task, for its agent, while one may start",
  },
  gatewayToken: {
    id: "gateway-token",
    what: "the model gateway called without its token, with another start's, with half of it, or with the real key",
    mustNot: "forward anything",
    heldBy: "the gateway's token is compared in constant time, wherever a client puts a key",
  },
  gatewayPath: {
    id: "gateway-path",
    what: "paths and headers that would lead the gateway elsewhere: `//evil`, absolute addresses, dots, CONNECT, `Host`",
    mustNot: "send the key anywhere but to the model's server, below its base path",
    heldBy:
      "only a path is taken from a request; the address is the owner's, and `Host` and the key are the gateway's own",
  },
} as const satisfies Readonly<Record<string, HostileCase>>;
