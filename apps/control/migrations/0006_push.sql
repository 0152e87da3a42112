CREATE TABLE `push_receipts` (
	`push_id` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`subscription_id` text NOT NULL,
	`browser` text NOT NULL,
	`about` text NOT NULL,
	`task_id` text,
	`created_at` integer NOT NULL,
	`tries` integer NOT NULL,
	`sent_at` integer,
	`status` integer,
	`problem` text,
	`gave_up_at` integer,
	`shown_at` integer,
	`clicked_at` integer
);
--> statement-breakpoint
CREATE INDEX `push_receipts_by_owner` ON `push_receipts` (`owner_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `push_receipts_by_subscription` ON `push_receipts` (`subscription_id`,`created_at`);--> statement-breakpoint
CREATE TABLE `push_subscriptions` (
	`subscription_id` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`endpoint` text NOT NULL,
	`p256dh` text NOT NULL,
	`auth` text NOT NULL,
	`browser` text NOT NULL,
	`created_at` integer NOT NULL,
	`failing_since` integer,
	`problem` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `push_subscriptions_by_endpoint` ON `push_subscriptions` (`endpoint`);--> statement-breakpoint
CREATE INDEX `push_subscriptions_by_owner` ON `push_subscriptions` (`owner_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `tasks_by_owner_step` ON `tasks` (`owner_id`,`step`,`updated_at`);
