CREATE TABLE `boots` (
	`boot_id` text PRIMARY KEY NOT NULL,
	`first_hello_at` integer NOT NULL
);
