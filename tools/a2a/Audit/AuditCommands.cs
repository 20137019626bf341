using System.CommandLine;
using A2A.Micro.Security.Audit;

namespace A2A.Micro.Tool.Audit;

/// <summary><c>a2a audit</c>: is the audit what was written?</summary>
internal static class AuditCommands
{
    private const int Page = 1000;

    private static readonly Option<FileInfo?> Anchors = new("--anchors")
    {
        Description = "The file of Security__AuditAnchorFile: the audit must come by every line of it, and reach the last one.",
    };

    public static Command All() => new("audit", "The record of who did what") { Verify() };

    private static Command Verify()
    {
        var command = new Command("verify", "Walk over the whole audit; names the first row that is not as it was written.") { Anchors };
        command.SetAction((parsed, cancellation) => Database.Use(parsed, async database =>
        {
            AuditCheck check;
            try
            {
                check = new AuditCheck(parsed.GetValue(Anchors) is { } file
                    ? AuditAnchors.Parse(await File.ReadAllLinesAsync(file.FullName, cancellation))
                    : []);
            }
            catch (Exception e) when (e is IOException or FormatException)
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
