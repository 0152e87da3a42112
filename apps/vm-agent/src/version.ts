/** The version of this VM agent, as `hello` says it. */
export const vmAgentVersion = "0.1.0";
