CREATE TABLE `record` (
	`position` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`type` text NOT NULL,
	`event` text,
	`not_kept` text,
	`outcome_of` integer,
	`outcome` text NOT NULL,
	`first_message` integer,
	`last_message` integer,
	`after` text NOT NULL,
	`lulls` text NOT NULL,
	`at_last` text,
	`facts` text,
	`settings` text
);
