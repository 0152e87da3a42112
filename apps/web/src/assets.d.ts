/** What Vite makes of an import that is not a script. */
declare module "*.css";
