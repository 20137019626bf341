using System.CommandLine;
using A2A.Micro.Security;
using A2A.Micro.Security.Audit;
using A2A.Micro.Security.Broker;

namespace A2A.Micro.Tool.Audit;

/// <summary><c>a2a audit</c>: is the audit what was written?</summary>
internal static class AuditCommands
{
    private const int Page = 1000;

    private static readonly Option<FileInfo?> Anchors = new("--anchors")
    {
        Description = "The file of Security__AuditAnchorFile: the audit must come by every line of it, and reach the last one.",
    };

    private static readonly Option<FileInfo?> Trust = new("--trust")
    {
        Description = "The list of keys (.secrets/trust.json): every line of --anchors must then be signed by the platform.",
    };

    public static Command All() => new("audit", "The record of who did what") { Verify() };

    private static Command Verify()
    {
        var command = new Command("verify", "Walk over the whole audit; names the first row that is not as it was written.") { Anchors, Trust };
        command.SetAction((parsed, cancellation) => Database.Use(parsed, async database =>
        {
            AuditCheck check;
            try
            {
                var trusted = parsed.GetValue(Trust) is { } list ? TrustList.Parse(await File.ReadAllTextAsync(list.FullName, cancellation)).Ring() : null;
                check = new AuditCheck(parsed.GetValue(Anchors) is { } file
                    ? AuditAnchors.Parse(await File.ReadAllLinesAsync(file.FullName, cancellation), trusted)
                    : []);
            }
            catch (Exception e) when (e is IOException or FormatException or SecurityBreachException)
            {
                return await Database.Fail($"--anchors: {e.Message}");
            }

            var store = new PostgresAuditStore(database);
            var head = await store.Head(cancellation);
            while (await store.Read(null, check.Seq, Page, cancellation) is { Count: > 0 } rows && rows.All(check.Take)) { }
            var flaw = check.End() ?? (head is not null && head.Seq > check.Seq ? new AuditFlaw(check.Seq + 1, "rows at the end are missing") : null);
            if (flaw is not null) { return await Database.Fail($"Row {flaw.Seq}: {flaw.What}."); }
            Console.WriteLine($"{check.Seq} rows, all as they were written.");
            return 0;
        }, cancellation));
        return command;
    }
}
