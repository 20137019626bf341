using System.Net;
using A2A.Micro.Gateway.DeadLetters;
using A2A.Micro.Security.Audit;
using A2A.Micro.Security.Signing;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.Security.Tests;

/// <summary>Whatever is done to the rows of the audit is found, with its place.</summary>
[Trait("Requirement", "62")]
public sealed class AuditChainTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_audit_as_it_was_written_has_no_flaw() => Assert.Null(Check(Chain(50), [new AuditAnchor(50, Chain(50)[^1].Hash)]));

    [Fact]
    public void One_row_changed_removed_put_in_or_swapped_is_found_at_its_place() => Prop.ForAll(
        Gen.Choose(2, 60).ToArbitrary(), Gen.Choose(0, 10_000).ToArbitrary(), Gen.Choose(0, 5).ToArbitrary(), (length, chance, way) =>
        {
            var (rows, at) = (Chain(length), chance % length);
            var anchors = new[] { new AuditAnchor(length, rows[^1].Hash) };
            var expected = Tamper(rows, at, way);
            return Check(rows, anchors)?.Seq == expected;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_chain_written_anew_from_a_row_on_is_found_at_the_next_anchor()
    {
        var rows = Chain(20);
        var anchors = new[] { new AuditAnchor(10, rows[9].Hash), new AuditAnchor(20, rows[19].Hash) };
        var forged = AuditChain.Seal(6, rows[6 - 1].Hash, rows.Skip(6).Select((row, i) => i == 0 ? row.Entry with { Actor = "mallory" } : row.Entry));
        Assert.Equal(10, Check([.. rows.Take(6), .. forged], anchors)!.Seq);
    }

    [Fact]
    public void No_two_rows_read_the_same()
    {
        var row = Entry(1);
        Assert.NotEqual((row with { Object = "a", Reason = "" }).Canonical(1), (row with { Object = "", Reason = "a" }).Canonical(1));
        Assert.NotEqual((row with { Object = null }).Canonical(1), (row with { Object = "" }).Canonical(1));
        Assert.NotEqual((row with { Actor = "a\n1:b" }).Canonical(1), (row with { Actor = "a", Tenant = "b" }).Canonical(1));
    }

    [Fact]
    public void An_anchor_reads_back_as_it_is_written()
    {
        var anchor = new AuditAnchor(7, Chain(7)[^1].Hash);
        var read = Assert.Single(AuditAnchors.Parse([AuditAnchors.Print(anchor, Start)]));
        Assert.Equal((anchor.Seq, Convert.ToHexString(anchor.Hash)), (read.Seq, Convert.ToHexString(read.Hash)));
        Assert.Throws<FormatException>(() => AuditAnchors.Parse(["2030-01-01T00:00:00Z seven abc"]));
    }

    [Fact]
    public void An_anchor_that_somebody_else_wrote_or_changed_is_no_anchor()
    {
        using var platform = SigningKey.New("p1");
        using var mallory = SigningKey.New("p1");
        var trusted = new Broker.TrustList { Keys = [] }.With(KeyNames.Platform, platform).With("agent", mallory).Ring();
        var anchor = new AuditAnchor(7, Chain(7)[^1].Hash);
        var line = AuditAnchors.Print(anchor, Start, platform);
        Assert.Equal(7, Assert.Single(AuditAnchors.Parse([line], trusted)).Seq);
        Assert.Equal(7, Assert.Single(AuditAnchors.Parse([line])).Seq);
        foreach (var other in new[]
        {
            AuditAnchors.Print(anchor, Start, mallory), AuditAnchors.Print(anchor, Start), line.Replace(" 7 ", " 6 ", StringComparison.Ordinal),
            line.Replace("2030", "2031", StringComparison.Ordinal), line[..^1] + (line[^1] == 'A' ? 'Q' : 'A'),
        })
        {
            Assert.Throws<FormatException>(() => AuditAnchors.Parse([other], trusted));
        }
    }

    private static long Tamper(List<AuditRow> rows, int at, int way)
    {
        var row = rows[at];
        switch (way)
        {
            case 0:
                rows[at] = row with { Entry = row.Entry with { Actor = row.Entry.Actor + "x" } };
                return row.Seq;
            case 1:
                rows.RemoveAt(at);
                return row.Seq;
            case 2:
                rows.Insert(at, row with { Entry = row.Entry with { Reason = "put in" } });
                return row.Seq;
            case 3 when rows.Count > at + 1:
                // Their contents swap places, the numbers stay.
                (rows[at], rows[at + 1]) = (rows[at + 1] with { Seq = row.Seq }, row with { Seq = row.Seq + 1 });
                return row.Seq;
            case 4:
                rows[at] = row with { Entry = row.Entry with { At = row.Entry.At.AddMicroseconds(1) } };
                return row.Seq;
            default:
                rows[at] = row with { Hash = [.. row.Hash.Select((b, i) => i == 0 ? (byte)(b ^ 1) : b)] };
                return row.Seq;
        }
    }

    private static AuditFlaw? Check(IReadOnlyList<AuditRow> rows, IEnumerable<AuditAnchor> anchors)
    {
        var check = new AuditCheck(anchors);
        _ = rows.All(check.Take);
        return check.End();
    }

    private static List<AuditRow> Chain(int length) => [.. AuditChain.Seal(0, AuditChain.Genesis, Enumerable.Range(1, length).Select(Entry))];

    internal static AuditEntry Entry(int i) => new()
    {
        At = Start.AddSeconds(i),
        Actor = "alice",
        Tenant = i % 2 == 0 ? "red" : "blue",
        Action = "submitTask",
        Object = $"task-{i}",
        Outcome = "done",
    };
}

/// <summary>What every store of the audit does.</summary>
public abstract class AuditStoreSuite
{
    protected abstract IAuditStore Store { get; }

    [Fact]
    public async Task What_many_seal_at_once_is_one_chain_that_reads_back_as_it_was_written()
    {
        var before = await Store.Head(default) ?? new AuditAnchor(0, AuditChain.Genesis);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(part => Store.Append(
            [.. Enumerable.Range(part * 10, 10).Select(AuditChainTests.Entry)], default)));
        var head = await Store.Head(default);
        var check = new AuditCheck([head!]);
        var rows = await Store.Read(null, 0, 1000, default);
        Assert.True(rows.All(check.Take));
        Assert.Null(check.End());
        Assert.Equal(before.Seq + 80, head!.Seq);
        Assert.Equal(head.Seq, rows.Count);
        Assert.Equal(40, (await Store.Read("red", before.Seq, 1000, default)).Count);
        Assert.Equal(rows[10].Seq, (await Store.Read(null, rows[9].Seq, 1, default))[0].Seq);
    }

    [Fact]
    public async Task What_is_said_again_is_sealed_once()
    {
        var now = TimeProvider.System.GetUtcNow();
        var first = AuditChainTests.Entry(1) with { Key = Guid.CreateVersion7(now) };
        var second = AuditChainTests.Entry(2) with { Key = Guid.CreateVersion7(now) };
        var before = (await Store.Head(default))?.Seq ?? 0;
        await Store.Append([first, first, AuditChainTests.Entry(3)], default);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Store.Append([second, first], default)));
        await Store.Append([first, AuditChainTests.Entry(3)], default);
        var rows = await Store.Read(null, before, 1000, default);
        Assert.Equal([first.Key, null, second.Key, null], rows.Select(row => row.Entry.Key));
        // The key is bound like everything else.
        var check = new AuditCheck([]);
        Assert.True((await Store.Read(null, 0, 1000, default)).All(check.Take));
        Assert.NotEqual(AuditChain.HashOf(AuditChain.Genesis, 1, first), AuditChain.HashOf(AuditChain.Genesis, 1, first with { Key = second.Key }));
    }
}

public sealed class InMemoryAuditStoreTests : AuditStoreSuite
{
    protected override IAuditStore Store { get; } = new InMemoryAuditStore();
}

public sealed class PostgresAuditStoreTests(SecurityDatabase database) : AuditStoreSuite, IClassFixture<SecurityDatabase>
{
    protected override IAuditStore Store { get; } = new PostgresAuditStore(database.Server.Source);

    [Theory]
    [InlineData("UPDATE security.audit SET actor = 'mallory'")]
    [InlineData("DELETE FROM security.audit")]
    [InlineData("TRUNCATE security.audit")]
    [InlineData("DELETE FROM security.audit_head")]
    public async Task A_row_is_never_changed_nor_taken_away(string sql)
    {
        await Store.Append([AuditChainTests.Entry(1)], default);
        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => database.Server.Execute(sql));
        Assert.Equal(Npgsql.PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }
}

/// <summary>What is done over HTTP is in the audit.</summary>
public sealed class AuditTests(SecureHost host) : IClassFixture<SecureHost>
{
    [Fact]
    public async Task Whoever_is_refused_or_told_of_a_change_is_in_the_audit_before_the_answer_comes()
    {
        var chief = host.Token(Tokens.Claims(("sub", "chief"), ("tenant", "green"), ("scope", "tasks:admin tasks:read audit:read")));
        for (var i = 1; i <= 20; i++)
        {
            using var key = await host.Send(HttpMethod.Post, "/v1/keys", chief, new { subject = "s" + i, scopes = new[] { "tasks:read" } });
            Assert.Equal(HttpStatusCode.Created, key.StatusCode);
            using var forbidden = await host.Send(HttpMethod.Get, "/v1/agents", chief);
            Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
            var rows = await Rows(chief);
            Assert.Equal(2 * i, rows.Count);
            Assert.Equal(("listAgents", "refused"), (rows[^1].GetProperty("action").GetString(), rows[^1].GetProperty("outcome").GetString()));
            Assert.Equal("createKey", rows[^2].GetProperty("action").GetString());
        }
    }

    [Fact]
    public void A_message_that_the_bus_refused_is_said_with_who_sent_it_and_why()
    {
        var letter = DeadLetterRules.Read("scheduler.tasks", LetterCause.Failed, "{}"u8.ToArray(), null, new Dictionary<string, string>
        {
            ["MT-Fault-Message"] = "SECURITY_ERROR NOT_ITS_NAME: a message of agent-7 to scheduler.tasks",
        }, TimeProvider.System.GetUtcNow());
        var entry = DeadLetterRules.Breach(letter)!;
        Assert.Equal(("agent-7", "refused", letter.LetterId), (entry.Actor, entry.Outcome, entry.Object));
        Assert.Contains("NOT_ITS_NAME", entry.Reason, StringComparison.Ordinal);
        Assert.Null(DeadLetterRules.Breach(letter with { Reason = "it failed" }));
        Assert.Null(DeadLetterRules.Breach(letter with { Reason = null }));
    }

    [Fact]
    public async Task Who_did_what_and_what_was_refused_stands_in_the_audit_of_its_tenant()
    {
        var chief = host.Token(Tokens.Claims(("sub", "chief"), ("tenant", "red"), ("scope", "tasks:submit audit:read")));
        using var made = await host.Send(HttpMethod.Post, "/v1/tasks", chief, new { task_id = "audited", task_type = "test.work" });
        Assert.Equal(HttpStatusCode.Accepted, made.StatusCode);
        using var forbidden = await host.Send(HttpMethod.Post, "/v1/tasks/audited/cancel", chief);
        using var stranger = await host.Send(HttpMethod.Get, "/v1/tasks", "a2a_prod_nonsense");
        var rows = await Eventually.Seen(_ => Rows(chief), rows => rows.Count >= 2, "two rows of the tenant");
        Assert.Equal(
            [("chief", "submitTask", "audited", "done"), ("chief", "cancelTask", "audited", "refused")],
            rows.Select(row => (row.GetProperty("actor").GetString(), row.GetProperty("action").GetString(),
                row.GetProperty("object").GetString(), row.GetProperty("outcome").GetString())));
        var installation = await Eventually.Seen(
            _ => Rows(host.AdminKey.Show()), rows => rows.Any(row => row.GetProperty("actor").GetString() == "stranger"), "the stranger's row");
        Assert.DoesNotContain(installation, row => row.TryGetProperty("object", out var it) && it.GetString() == "audited");
    }

    private async Task<List<System.Text.Json.JsonElement>> Rows(string credential)
    {
        using var reply = await host.Send(HttpMethod.Get, "/v1/audit?limit=200", credential);
        return [.. (await SecureHost.Json(reply)).GetProperty("rows").EnumerateArray()];
    }
}
