-- Nobody reads by it, and every step of every task had to write it: what is open is listed by StateSync.
drop index {schema}.task_saga_open;
