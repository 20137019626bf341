-- The same rows as before, said so that the planner expects many of them: of an equality over a function it expects one row in two hundred, and reads a
-- whole table to sort it where the first fifty entries of an index would do. Of a case it expects every second one.
create function {schema}.is_of_tenant(id text, tenant text) returns boolean language sql immutable parallel safe
  return case tenant when 'default' then case when position('@' in id) = 0 then true else false end else starts_with(id, tenant || '@') end;
alter policy one_tenant on {schema}.task_state using ({schema}.is_of_tenant(task_id, current_setting('a2a.tenant', true)));
alter policy one_tenant on {schema}.state_change using ({schema}.is_of_tenant(task_id, current_setting('a2a.tenant', true)));
alter policy one_tenant on {schema}.task_label using ({schema}.is_of_tenant(task_id, current_setting('a2a.tenant', true)));
drop function {schema}.tenant_of(text);
