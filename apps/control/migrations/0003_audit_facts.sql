CREATE TABLE `audit_facts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`kind` text NOT NULL,
	`owner_id` text,
	`subject_id` text NOT NULL,
	`mark` text NOT NULL,
	`detail` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `audit_facts_once` ON `audit_facts` (`kind`,`subject_id`,`mark`);--> statement-breakpoint
CREATE INDEX `audit_facts_by_kind` ON `audit_facts` (`kind`,`at`);
