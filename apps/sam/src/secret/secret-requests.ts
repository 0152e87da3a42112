/** The API of secrets, as the commands speak it. */
import { oneSecretSchema, secretListSchema, type SecretView } from "@sam/protocol/secret-api";
import { z } from "zod";

import type { ApiClient } from "../client/api-client.ts";

export async function listSecrets(api: ApiClient): Promise<readonly SecretView[]> {
  return (await api.request("GET", "/api/secrets", secretListSchema)).secrets;
}

export async function setSecret(api: ApiClient, name: string, value: string): Promise<SecretView> {
  return (await api.request("PUT", `/api/secrets/${name}`, oneSecretSchema, { body: { value } })).secret;
}

export async function deleteSecret(api: ApiClient, name: string): Promise<void> {
  await api.request("DELETE", `/api/secrets/${name}`, z.unknown());
}
