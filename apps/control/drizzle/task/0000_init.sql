CREATE TABLE `facts` (
	`id` integer PRIMARY KEY NOT NULL,
	`request` text NOT NULL,
	`facts` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `messages` (
	`seq` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`author` text NOT NULL,
	`body` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `outbox` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`key` text NOT NULL,
	`lane` text NOT NULL,
	`payload` text NOT NULL,
	`memo` text,
	`attempts` integer DEFAULT 0 NOT NULL,
	`next_attempt_at` integer NOT NULL,
	`done_at` integer,
	`last_error` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `outbox_key_unique` ON `outbox` (`key`);--> statement-breakpoint
CREATE INDEX `outbox_open` ON `outbox` (`done_at`,`lane`,`id`);--> statement-breakpoint
CREATE TABLE `transitions` (
	`version` integer PRIMARY KEY NOT NULL,
	`from_step` text,
	`to_step` text NOT NULL,
	`at` integer NOT NULL,
	`cause` text NOT NULL
);
