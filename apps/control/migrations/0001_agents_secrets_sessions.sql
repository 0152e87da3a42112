CREATE TABLE `agent_settings` (
	`owner_id` text NOT NULL,
	`project_id` text NOT NULL,
	`agent_id` text NOT NULL,
	`model` text,
	`base_url` text,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`owner_id`, `project_id`, `agent_id`)
);
--> statement-breakpoint
CREATE TABLE `secrets` (
	`owner_id` text NOT NULL,
	`name` text NOT NULL,
	`ciphertext` text NOT NULL,
	`iv` text NOT NULL,
	`key_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`owner_id`, `name`)
);
--> statement-breakpoint
CREATE TABLE `sign_in_links` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer
);
--> statement-breakpoint
CREATE TABLE `web_sessions` (
	`session_hash` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`renewed_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `nodes` ADD `agents` text;--> statement-breakpoint
ALTER TABLE `projects` ADD `agent_id` text;--> statement-breakpoint
ALTER TABLE `projects` ADD `check_command` text;--> statement-breakpoint
ALTER TABLE `projects` ADD `permission_policy` text;--> statement-breakpoint
ALTER TABLE `projects` ADD `mode` text;--> statement-breakpoint
CREATE INDEX `tasks_by_project` ON `tasks` (`owner_id`,`project_id`,`task_id`);