using System.CommandLine;
using A2A.Micro.Tool;
using A2A.Micro.Tool.Audit;
using A2A.Micro.Tool.Keys;
using A2A.Micro.Tool.Secrets;

return await new RootCommand("Administers an installation of A2A.Micro: a2a keys create --subject alice --role submitter")
{
    KeyCommands.All(),
    AuditCommands.All(),
    SecretCommands.All(),
    Database.Option,
}.Parse(args).InvokeAsync();
