namespace A2A.Micro.Persistence.Migrations;

/// <summary>What the role of a service may do in its schema when it is not the owner: read and write rows, and nothing else. Pure.</summary>
internal static class RoleGrants
{
    /// <summary>
    /// The statement; without the role it does nothing, and a second time it changes nothing. Row-level security hides every row from whoever has no
    /// policy: the service has one that hides none, which the planner leaves out.
    /// </summary>
    public static string Sql(string schema, string role, IReadOnlyList<string> writtenOnce) => $"""
        do $grants$
        declare
          walled name;
        begin
          if current_user = '{role}' or not exists (select from pg_roles where rolname = '{role}') then
            return;
          end if;
          grant usage on schema {schema} to {role};
          grant select, insert, update, delete on all tables in schema {schema} to {role};
          revoke insert, update, delete on {schema}.migration from {role};
          {string.Concat(writtenOnce.Select(table => $"revoke update, delete on {schema}.{table} from {role};"))}
          for walled in
            select relname from pg_class where relnamespace = '{schema}'::regnamespace and relkind in ('r', 'p') and relrowsecurity
              and not exists (select from pg_policy where polrelid = pg_class.oid and polname = 'service')
          loop
            execute format('create policy service on {schema}.%I to {role} using (true) with check (true)', walled);
          end loop;
        end $grants$;
        """;
}
