/** Migrations are text modules: wrangler's rule in production, the bundler's text loader locally. */
declare module "*.sql" {
  const text: string;
  export default text;
}
