CREATE TABLE `saved_works` (
	`task_id` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`title` text NOT NULL,
	`repository_url` text NOT NULL,
	`node_id` text NOT NULL,
	`place` text NOT NULL,
	`saved_at` integer NOT NULL,
	`work` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `saved_works_by_owner` ON `saved_works` (`owner_id`,`task_id`);
