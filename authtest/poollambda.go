package authtest

import "cmp"

// empty reports whether no function is named.
func (l *lambdaConfig) empty() bool { return l == nil || *l == (lambdaConfig{}) }

// triggers returns what a pool runs for the functions that its settings name,
// and whether the server has a place where they are.
func (s *Server) triggers(l *lambdaConfig) (triggers Triggers, has bool, err *apiError) {
	if l.empty() {
		l = &lambdaConfig{}
	}
	tokens, version := l.PreTokenGeneration, ""
	if c := l.PreTokenGenerationConfig; c != nil {
		if tokens != "" && tokens != c.LambdaArn {
			return Triggers{}, false, invalidParameter(msgTwoTokenLambdas)
		}
		tokens, version = c.LambdaArn, c.LambdaVersion
	}
	if s == nil || s.cfg.LambdaEndpoint == "" {
		return Triggers{}, false, nil
	}
	triggers, problems := LambdaTriggers(LambdaConfig{
		Endpoint:  s.cfg.LambdaEndpoint,
		PreSignUp: l.PreSignUp, PostConfirmation: l.PostConfirmation, PreAuthentication: l.PreAuthentication,
		PostAuthentication: l.PostAuthentication, UserMigration: l.UserMigration, DefineAuthChallenge: l.DefineAuthChallenge,
		CreateAuthChallenge: l.CreateAuthChallenge, VerifyAuthChallengeResponse: l.VerifyAuthChallengeResponse,
		PreTokenGeneration: tokens, PreTokenGenerationVersion: version, CustomMessage: l.CustomMessage,
		CustomEmailSender: l.CustomEmailSender.arn(), CustomSMSSender: l.CustomSMSSender.arn(),
	})
	if problems != nil {
		return Triggers{}, false, invalidParameter(problems.Error())
	}
	return triggers, true, nil
}

func (v *versionedArn) arn() string { return cmp.Or(v, &versionedArn{}).LambdaArn }
