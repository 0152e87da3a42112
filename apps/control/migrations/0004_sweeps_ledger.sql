CREATE TABLE `sweep_findings` (
	`finding_id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`day` integer NOT NULL,
	`part` text NOT NULL,
	`kind` text NOT NULL,
	`subject_id` text NOT NULL,
	`owner_id` text,
	`at` integer NOT NULL,
	`last_at` integer NOT NULL,
	`times` integer NOT NULL,
	`detail` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sweep_findings_by_subject` ON `sweep_findings` (`day`,`kind`,`subject_id`);--> statement-breakpoint
CREATE INDEX `sweep_findings_by_time` ON `sweep_findings` (`last_at`);--> statement-breakpoint
CREATE TABLE `sweeps` (
	`sweep_id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`began_at` integer NOT NULL,
	`ended_at` integer,
	`parts` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `sweeps_by_time` ON `sweeps` (`at`);--> statement-breakpoint
CREATE TABLE `ledger` (
	`provider` text NOT NULL,
	`kind` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`status` text,
	`installation` text,
	`node_id` text,
	`owner_id` text,
	`attached_to` text,
	`created_at` integer,
	`size_bytes` integer,
	`verdict` text NOT NULL,
	`why` text NOT NULL,
	`first_seen_at` integer NOT NULL,
	`unowned_since` integer,
	`missing_since` integer,
	`destroy_wanted_at` integer,
	`tried_at` integer,
	`tries` integer NOT NULL,
	`last_error` text,
	PRIMARY KEY(`provider`, `kind`, `id`)
);
--> statement-breakpoint
CREATE INDEX `nodes_by_state` ON `nodes` (`state`,`deadline_at`);