/**
 * zod would write code for its parsers, and finds out by trying; the page's policy lets no code be made of texts, and the
 * browser reports each try. Imported before anything that makes a schema.
 */
import { config } from "zod";

config({ jitless: true });
